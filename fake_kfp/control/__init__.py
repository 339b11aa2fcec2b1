"""The test author's side: scripting tasks, moving pods and the clock, looking at runs, in Python and over HTTP."""
