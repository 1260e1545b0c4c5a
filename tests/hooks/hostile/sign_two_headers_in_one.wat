;; Hides a second header behind a line feed in the first.
(data (i32.const 1024) "x-signeda\0d\0ahost: b")
(data (i32.const 1048) "\00\04\00\00\08\00\00\00\08\04\00\00\0a\00\00\00")
(func $sign (result i32)
  (i32.store (i32.const 324) (i32.const 1048))
  (i32.store (i32.const 328) (i32.const 1))
  (i32.const 320))
