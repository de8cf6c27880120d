"""Papers of credit and the dishonesty list (信用文书), one file a subject."""
