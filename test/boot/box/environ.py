#!/usr/bin/env python3
"""Compares the environment of a process, byte for byte, with what is expected of it."""
import json
import sys

pid, path = sys.argv[1:]
with open(f'/proc/{pid}/environ', 'rb') as file:
    variables = dict(entry.partition(b'=')[::2] for entry in file.read().split(b'\0') if entry)
with open(path, encoding='utf-8') as file:
    expected = json.load(file)
wrong = [name for name, value in expected.items() if variables.get(name.encode()) != value.encode()]
for name in wrong:
    print(f'{name}: expected {expected[name].encode()!r}, got {variables.get(name.encode())!r}')
sys.exit(1 if wrong or not expected else 0)
