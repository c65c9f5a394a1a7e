#pragma once

#include <memory>

namespace brink::wasm {

/// Deletes an object of the engine's C API with the function made for it.
template <auto Delete>
struct HandleDeleter {
  template <class T>
  void operator()(T* object) const noexcept {
    Delete(object);
  }
};

template <class T, auto Delete>
using Handle = std::unique_ptr<T, HandleDeleter<Delete>>;

}  // namespace brink::wasm
