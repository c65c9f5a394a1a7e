/* Computes for ever: the wall-clock and the CPU limit must end it. */
int main(void) {
  volatile unsigned turns = 0;
  for (;;) ++turns;
}
