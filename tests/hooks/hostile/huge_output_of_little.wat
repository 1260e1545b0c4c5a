;; Tells of the same long name a thousand times: little memory there, much here.
(func $fields (result i32)
  (local $at i32)
  (local.set $at (i32.const 8192))
  (loop $more
    (i32.store (local.get $at) (i32.const 1024))
    (i32.store offset=4 (local.get $at) (i32.const 7000))
    (local.set $at (i32.add (local.get $at) (i32.const 8)))
    (br_if $more (i32.lt_u (local.get $at) (i32.const 16192))))
  (i32.store (i32.const 292) (i32.const 8192))
  (i32.store (i32.const 296) (i32.const 1000))
  (i32.const 256))
