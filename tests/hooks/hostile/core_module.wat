;; A core module.
(module (func (export "change")))
