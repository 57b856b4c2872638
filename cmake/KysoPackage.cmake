# The Debian package: tools/make-package, or `cpack --config build/CPackConfig.cmake`, makes build/package/kyso_VERSION_ARCH.deb.
install(FILES deploy/systemd/kyso-vault.service deploy/systemd/kysod.service deploy/systemd/kyso-clock-monitor.service
        DESTINATION lib/systemd/system)
install(FILES deploy/sysusers.d/kyso.conf DESTINATION lib/sysusers.d)
install(FILES deploy/tmpfiles.d/kyso.conf DESTINATION lib/tmpfiles.d)
install(FILES deploy/kysod.toml deploy/vault.toml deploy/clock.toml deploy/softhsm2.conf DESTINATION share/kyso/deploy)
install(FILES README.md CHANGELOG.md NOTICE deploy/debian/copyright deploy/debian/changelog DESTINATION share/doc/kyso)
install(DIRECTORY docs/ DESTINATION share/doc/kyso FILES_MATCHING PATTERN "*.md" PATTERN man EXCLUDE PATTERN images EXCLUDE
        PATTERN pictures EXCLUDE)
install(DIRECTORY docs/guide/pictures DESTINATION share/doc/kyso/guide)
# kyso(1) comes with the program.
foreach(section 1 8)
  file(GLOB pages CONFIGURE_DEPENDS docs/man/*.${section})
  list(FILTER pages EXCLUDE REGEX "/kyso\\.1$")
  install(FILES ${pages} DESTINATION share/man/man${section})
  file(GLOB pages CONFIGURE_DEPENDS docs/man/vi/*.${section})
  list(FILTER pages EXCLUDE REGEX "/kyso\\.1$")
  install(FILES ${pages} DESTINATION share/man/vi/man${section})
endforeach()
install(FILES deploy/debian/lintian-overrides DESTINATION share/lintian/overrides RENAME kyso)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME kyso)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_CONTACT "Kyso developers <kyso@example.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "digital signatures of public administration in Viet Nam")
set(CPACK_PACKAGE_DESCRIPTION "Signs and verifies official documents (PAdES, CAdES) in the roles of
Decree 30/2020/ND-CP, and runs a certification authority: certificates on the
approval of two officers, revocation lists, OCSP, time-stamps, an audit log
that shows whoever touches it, and the registration portal through which
organisations ask for certificates. Private keys are reached by one process
only, through PKCS#11.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY "${CMAKE_BINARY_DIR}/package")
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS "${CMAKE_SOURCE_DIR}/cmake/KysoPackageFinish.cmake")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# libcurl and HarfBuzz are loaded on use (docs/adr/0003): no linker knows of them.
set(CPACK_DEBIAN_PACKAGE_DEPENDS
    "libcurl4, libharfbuzz-subset0, systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "poppler-utils")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "chrony, softhsm2, opensc, postgresql")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    "${CMAKE_SOURCE_DIR}/deploy/debian/postinst;${CMAKE_SOURCE_DIR}/deploy/debian/prerm;${CMAKE_SOURCE_DIR}/deploy/debian/postrm")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)

# Sanitizers' libraries are no part of any package.
if(BUILD_TESTING AND CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT KYSO_SANITIZE)
  add_subdirectory("${CMAKE_SOURCE_DIR}/tests/package")
endif()
