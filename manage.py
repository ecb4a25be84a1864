#!/usr/bin/env python
import gc
import os
import sys

if __name__ == "__main__":
    # Nothing that is imported becomes garbage, but looking for it takes a tenth of the start.
    gc.disable()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
