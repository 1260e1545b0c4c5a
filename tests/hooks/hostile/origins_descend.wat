;; Says that the records come of the batch from behind.
(data (i32.const 1024) "\04\00\00\00\03\00\00\00\02\00\00\00\01\00\00\00\00\00\00\00")
(func $change (param i32 i32) (result i32)
  (i32.store (i32.const 332) (i32.const 1024))
  (i32.store (i32.const 336) (i32.div_u (local.get 1) (i32.const 19)))
  (call $answer (local.get 0) (local.get 1)))
