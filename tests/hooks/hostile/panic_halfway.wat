;; Breaks at the record with n = 2, after some of the batch.
(func $change (param $at i32) (param $length i32) (result i32)
  (local $end i32)
  (local $look i32)
  (local.set $end (i32.add (local.get $at) (local.get $length)))
  (local.set $look (local.get $at))
  (loop $on
    ;; n":2
    (if (i32.eq (i32.load (local.get $look)) (i32.const 0x323a226e)) (then (unreachable)))
    (local.set $look (i32.add (local.get $look) (i32.const 1)))
    (br_if $on (i32.lt_u (local.get $look) (local.get $end))))
  (call $answer (local.get $at) (local.get $length)))
