"""The trusted checkers: standard library only, no import of a solver, each short enough to read in one sitting."""
