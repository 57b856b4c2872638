# kyso_python_suites(<prefix> TIMEOUT <seconds> ENVIRONMENT <NAME=value>...)
#
# Each test_*.py of this folder is a test "<prefix>.<name>", run by pytest of the virtual environment that
# tools/install-dependencies test makes. A missing environment is a failure, not a reason to pass over.
function(kyso_python_suites prefix)
  cmake_parse_arguments(S "" "TIMEOUT" "ENVIRONMENT" ${ARGN})
  set(python "${CMAKE_SOURCE_DIR}/build/venv/bin/python")
  file(GLOB suites CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/test_*.py")
  foreach(suite ${suites})
    get_filename_component(name "${suite}" NAME_WE)
    string(REPLACE "test_" "" name "${name}")
    add_test(
      NAME ${prefix}.${name}
      COMMAND "${python}" -m pytest -q -p no:cacheprovider "${suite}"
      WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
    set_tests_properties(${prefix}.${name} PROPERTIES TIMEOUT ${S_TIMEOUT}
                                                      ENVIRONMENT "${S_ENVIRONMENT};PYTHONDONTWRITEBYTECODE=1")
  endforeach()
endfunction()
