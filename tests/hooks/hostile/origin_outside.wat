;; Says that its records come of one that was not in the batch.
(data (i32.const 1024) "\63\00\00\00\63\00\00\00\63\00\00\00\63\00\00\00\63\00\00\00")
(func $change (param i32 i32) (result i32)
  (i32.store (i32.const 332) (i32.const 1024))
  (i32.store (i32.const 336) (i32.div_u (local.get 1) (i32.const 19)))
  (call $answer (local.get 0) (local.get 1)))
