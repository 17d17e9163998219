package postcode
import ("runtime")
func heapInUse() int { var m runtime.MemStats; runtime.ReadMemStats(&m); return int(m.HeapAlloc) }
const sample = "pcds,pcon24cd\nLS6 3AA,E14001319\n"
