/* Ends without a single byte. */
int main(void) { return 0; }
