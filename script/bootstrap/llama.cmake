# Included by CMake right after llama-cpp-python's project(): build the library that the hub loads, and nothing else.
# These are ordinary variables: they go before options, and before the cache entries that the package forces.
set(LLAVA_BUILD OFF)
set(LLAMA_BUILD_COMMON OFF)
set(LLAMA_ALL_WARNINGS OFF)
set(GGML_ALL_WARNINGS OFF)
# One file for each library: a wheel holds no symbolic links, so versioned names would be copies.
set(CMAKE_PLATFORM_NO_VERSIONED_SONAME ON)
