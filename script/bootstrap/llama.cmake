# Included by CMake right after llama-cpp-python's project(): build the library that the hub loads, and nothing else.
# These are ordinary variables, which go before the cache entries that the package forces.
set(LLAMA_BUILD_COMMON OFF)
# One file for each library: a wheel holds no symbolic links, so versioned names would be copies.
set(CMAKE_PLATFORM_NO_VERSIONED_SONAME ON)
