;; Asks for a function without an interface.
(component (import "now" (func (result u64))))
