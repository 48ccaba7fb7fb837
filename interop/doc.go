// Package interop holds COPY and UNLOAD against libraries that others wrote: files of hamba/avro, goavro and Apache Arrow are loaded, and Arrow reads what UNLOAD
// writes. It is a module of its own, so that nobody who uses the driver downloads them; go mod download brings what its tests read.
package interop
