"""What ``{{...}}`` stands for, and where it comes from: globals, scopes, inputs, outputs."""
