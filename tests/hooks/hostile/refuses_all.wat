;; Refuses each batch whole, in words that would steer a terminal.
(data (i32.const 1024) "no, \1b[2J\0aand no")
(func $change (param i32 i32) (result i32)
  (i32.store (i32.const 320) (i32.const 1))
  (call $answer (i32.const 1024) (i32.const 15)))
