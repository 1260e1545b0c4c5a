;; Sends its first record to a stream that the spec does not name.
(data (i32.const 1024) "\00\00\00\00\10\04\00\00\05\00\00\00")
(data (i32.const 1040) "users")
(func $change (param i32 i32) (result i32)
  (i32.store (i32.const 340) (i32.const 1024))
  (i32.store (i32.const 344) (i32.const 1))
  (call $answer (local.get 0) (local.get 1)))
