;; Stops, and does not say why.
(func $after (result i32)
  (i32.store (i32.const 324) (i32.const 1))
  (i32.const 320))
