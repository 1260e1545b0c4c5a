;; Goes on once, and says why it stops.
(global $page (mut i32) (i32.const 0))
(data (i32.const 1024) "/more?page=2the list is empty")
(func $after (result i32)
  (global.set $page (i32.add (global.get $page) (i32.const 1)))
  (i32.store (i32.const 324) (i32.ge_u (global.get $page) (i32.const 2)))
  (if (i32.lt_u (global.get $page) (i32.const 2))
    (then
      (i32.store (i32.const 328) (i32.const 1))
      (i32.store (i32.const 332) (i32.const 1024))
      (i32.store (i32.const 336) (i32.const 12)))
    (else
      (i32.store (i32.const 328) (i32.const 1036))
      (i32.store (i32.const 332) (i32.const 17))))
  (i32.const 320))
