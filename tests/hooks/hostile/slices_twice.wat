;; Cuts the same slice twice.
(data (i32.const 1024) "{\22site\22:\22a\22}{\22site\22:\22a\22}")
(data (i32.const 1100) "\00\04\00\00\0c\00\00\00\0c\04\00\00\0c\00\00\00")
(func $cut (result i32)
  (i32.store (i32.const 324) (i32.const 1100))
  (i32.store (i32.const 328) (i32.const 2))
  (i32.const 320))
