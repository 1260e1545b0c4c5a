;; Writes lines as long as it may.
(data (i32.const 1024) "line\1b[31m\0anext")
(func $change (param i32 i32) (result i32)
  (local $count i32)
  (loop $on
    (call $log (i32.const 1) (i32.const 1024) (i32.const 14))
    (local.set $count (i32.add (local.get $count) (i32.const 1)))
    (br_if $on (i32.lt_u (local.get $count) (i32.const 1000))))
  (call $answer (local.get 0) (local.get 1)))
