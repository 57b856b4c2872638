# Run by cpack when everything lies in its place: what Debian wants compressed is compressed, without times.
file(GLOB_RECURSE pages "${CPACK_TEMPORARY_DIRECTORY}/usr/share/man/*.[18]" "${CPACK_TEMPORARY_DIRECTORY}/usr/share/doc/kyso/changelog")
foreach(page ${pages})
  execute_process(COMMAND gzip -9 -n -f "${page}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
