# The package for Debian 12: `cpack -G DEB` in a build folder.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CONTACT "zpm maintainers <maintainers@zpm.invalid>" CACHE STRING "who makes the package")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "declarative reconciler for Docker Swarm and MongoDB
A manifest says which networks, volumes, secrets, services and replica sets a
platform has. zpm shows how a Docker Swarm and its MongoDB differ from that,
and makes them so: once, or for as long as its service runs.")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# All but the last are loaded when they are needed, so no tool finds them; the last makes the user of the service.
set(CPACK_DEBIAN_PACKAGE_DEPENDS
	"libmongoc-1.0-0 (>= 1.23), libmicrohttpd12 (>= 0.9.75), libjwt0 (>= 1.10), libgit2-1.5 (>= 1.5.1), systemd | systemd-standalone-sysusers")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "docker.io, openssh-client, bash-completion")
set(here ${CMAKE_CURRENT_SOURCE_DIR}/debian)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${here}/postinst ${here}/prerm ${here}/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# What Debian wants to find in every package.
string(TIMESTAMP ZPM_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(${here}/changelog.in changelog.Debian @ONLY)
foreach(log changelog.Debian changelog)
	add_custom_command(OUTPUT ${log}.gz COMMAND gzip -9nc < ${log} > ${log}.gz DEPENDS ${log} VERBATIM)
endforeach()
configure_file(${PROJECT_SOURCE_DIR}/CHANGELOG.md changelog COPYONLY)
add_custom_target(changelogs ALL DEPENDS changelog.gz changelog.Debian.gz)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/changelog.gz ${CMAKE_CURRENT_BINARY_DIR}/changelog.Debian.gz
	${here}/copyright DESTINATION ${doc} COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${here}/lintian-overrides
	DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides RENAME zpm COMPONENT debian EXCLUDE_FROM_ALL)
# The service is the package's: it names the program by its place there, and needs the user that postinst makes.
install(FILES zpm.service DESTINATION lib/systemd/system COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES sysusers.conf DESTINATION lib/sysusers.d RENAME zpm.conf COMPONENT debian EXCLUDE_FROM_ALL)
install(DIRECTORY DESTINATION /etc/zpm COMPONENT debian EXCLUDE_FROM_ALL
	DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE)
set(CPACK_INSTALL_CMAKE_PROJECTS "${CMAKE_BINARY_DIR};zpm;ALL;/;${CMAKE_BINARY_DIR};zpm;debian;/")
include(CPack)
