;; Breaks where it is given more than one record; each alone goes well.
(func $change (param i32 i32) (result i32)
  (if (i32.gt_u (local.get 1) (i32.const 30)) (then (unreachable)))
  (call $answer (local.get 0) (local.get 1)))
