/* Recurses until the stack is gone. The call goes through a volatile pointer:
 * no compiler makes a loop of it, and the frames lie on the engine's stack. */
static int descend(int depth);
static int (*volatile next)(int) = descend;

static int descend(int depth) { return next(depth + 1) + depth; }

int main(void) { return descend(0) & 1; }
