"""What usage did that its forecast did not allow: found, told and remembered. Start at detection.py."""
