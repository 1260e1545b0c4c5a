;; Does not want to sign.
(data (i32.const 1024) "the key is no key")
(func $sign (result i32)
  (i32.store (i32.const 320) (i32.const 1))
  (i32.store (i32.const 324) (i32.const 1024))
  (i32.store (i32.const 328) (i32.const 17))
  (i32.const 320))
