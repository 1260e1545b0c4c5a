;; Gives an address that is none.
(data (i32.const 1024) "/more\0d\0ax")
(func $after (result i32)
  (i32.store (i32.const 328) (i32.const 1))
  (i32.store (i32.const 332) (i32.const 1024))
  (i32.store (i32.const 336) (i32.const 8))
  (i32.const 320))
