# kyso_module(<name> FLOOR <n> [DEPS <module>...] [PRIVATE <target>...] [THIRD_PARTY <header prefix>...])
#
# One folder under src/ = one static library kyso_<name> = one namespace kyso::<name>.
#   FLOOR        its floor in the house (docs/architecture.md); DEPS may only name lower floors
#   PRIVATE      libraries that its .cpp files use; never visible to users of the module
#   THIRD_PARTY  header prefixes (e.g. openssl/) that this module alone may include
# tools/check-floors compares every #include with these declarations.
#
# *_test.cpp beside the code form one doctest program, bin/tests/kyso_<name>_test, run by ctest.
function(kyso_module name)
  cmake_parse_arguments(M "" "FLOOR" "DEPS;PRIVATE;THIRD_PARTY" ${ARGN})
  set(dir "${CMAKE_SOURCE_DIR}/src/${name}")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${dir}/*.cpp")
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

  add_library(kyso_${name} STATIC ${sources})
  target_include_directories(kyso_${name} PUBLIC "${CMAKE_SOURCE_DIR}/src")
  list(TRANSFORM M_DEPS PREPEND kyso_ OUTPUT_VARIABLE deps)
  target_link_libraries(kyso_${name} PUBLIC ${deps} PRIVATE ${M_PRIVATE})

  if(BUILD_TESTING AND tests)
    add_executable(kyso_${name}_test ${tests} "${CMAKE_SOURCE_DIR}/tests/doctest_main.cpp")
    set_target_properties(kyso_${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin/tests")
    target_link_libraries(kyso_${name}_test PRIVATE kyso_${name} ${M_PRIVATE} rapidcheck)
    target_compile_definitions(kyso_${name}_test PRIVATE KYSO_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME unit.${name} COMMAND kyso_${name}_test)
    set_tests_properties(unit.${name} PROPERTIES ENVIRONMENT "KYSO_SHARE=${CMAKE_SOURCE_DIR}/share" TIMEOUT 600)
  endif()
endfunction()
