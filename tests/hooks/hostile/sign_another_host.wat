;; Gives a header that would lead the request elsewhere.
(data (i32.const 1024) "Host")
(data (i32.const 1040) "\00\04\00\00\04\00\00\00\00\04\00\00\04\00\00\00")
(func $sign (result i32)
  (i32.store (i32.const 324) (i32.const 1040))
  (i32.store (i32.const 328) (i32.const 1))
  (i32.const 320))
