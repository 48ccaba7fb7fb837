// Package lint holds the house's own rules as tests: which room may import which (arrows_test.go), what the public packages
// export (api_test.go), and that the docs name what is there (docs_test.go).
//
//	cmd
//	server  redshifttest
//	redshiftsim (driver)
//	vet
//	engine (leader)
//	compile  bind  optimize  system
//	exec  plan  txn
//	unload > load  expr  catalog > principal
//	function  storage+encoding  parse
//	internal/{vector > super > types > spatial sketch > sqlstate}  ast
package lint
