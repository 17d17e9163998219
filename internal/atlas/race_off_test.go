//go:build !race

package atlas

const racing = false
