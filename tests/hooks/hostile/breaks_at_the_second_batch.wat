;; Works once, and breaks when it is called again: a new instance does the work.
(global $calls (mut i32) (i32.const 0))
(func $change (param i32 i32) (result i32)
  (if (global.get $calls) (then (unreachable)))
  (global.set $calls (i32.const 1))
  (call $answer (local.get 0) (local.get 1)))
