// Package integration holds tests of redshiftsim with the drivers and tools that people use, in a module of its own so that nobody else gets them.
package integration
