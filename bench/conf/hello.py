#!/usr/bin/python3 -SE
import sys

sys.stdout.write("Content-Type: text/plain\r\n\r\nHello, World!\n")
