;; Answers with a third kind of step, where there are two.
(func $after (result i32)
  (i32.store (i32.const 324) (i32.const 2))
  (i32.const 320))
