/* What the compiler calls for setjmp and longjmp made of wasm exceptions. Apart from the
 * programs that use them: it declares these itself. */
typedef struct {
  void* frame;
  unsigned label;
  struct {
    void* env;
    int value;
  } thrown;
} jump_t;

enum { TAG_LONGJMP = 1 };
__asm__(
    ".globl __c_longjmp\n"
    ".tagtype __c_longjmp i32\n"
    "__c_longjmp:\n");

void __wasm_setjmp(void* env, unsigned label, void* frame) {
  ((jump_t*)env)->frame = frame;
  ((jump_t*)env)->label = label;
}
unsigned __wasm_setjmp_test(void* env, void* frame) {
  return ((jump_t*)env)->frame == frame ? ((jump_t*)env)->label : 0;
}
void __wasm_longjmp(void* env, int value) {
  jump_t* jump = env;
  jump->thrown.env = env;
  jump->thrown.value = value;
  __builtin_wasm_throw(TAG_LONGJMP, &jump->thrown);
}
