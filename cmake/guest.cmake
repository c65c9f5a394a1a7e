# WebAssembly programs for the tests.
#
#   brink_guest(NAME SOURCE)   SOURCE (C) becomes guests/NAME.wasm in the build
#                              folder, as part of the default target
#   brink_guest(NAME SOURCE FLAGS …)   the same, with these options behind the usual
#
# The compiler is the one that builds brink; the C library is Debian's wasi-libc,
# below /usr. BRINK_GUEST_DIR holds the folder for tests that need its path.

set(BRINK_GUEST_DIR "${PROJECT_BINARY_DIR}/guests")
# -Wno-deprecated: Debian's files are still named for the target's old name.
set(BRINK_GUEST_FLAGS --target=wasm32-wasi --sysroot=/usr -Wno-deprecated -O2 -Wall -Wextra
                      -Wl,--strip-debug)

# As programs with threads are linked, but without a C library: Debian's has none
# for them.
set(BRINK_THREADED_GUEST_FLAGS -nostdlib -matomics -mbulk-memory -Wl,--import-memory
                               -Wl,--shared-memory -Wl,--max-memory=1073741824)

function(brink_guest name source)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "FLAGS")
  set(output "${BRINK_GUEST_DIR}/${name}.wasm")
  get_filename_component(source "${source}" ABSOLUTE)
  add_custom_command(
    OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${BRINK_GUEST_DIR}"
    COMMAND "${CMAKE_C_COMPILER}" ${BRINK_GUEST_FLAGS} ${arg_FLAGS} -MD -MF "${output}.d" -o
            "${output}" "${source}"
    DEPENDS "${source}"
    DEPFILE "${output}.d"
    COMMENT "Building guests/${name}.wasm"
    VERBATIM)
  add_custom_target(guest_${name} ALL DEPENDS "${output}")
endfunction()
