;; Its answer lies where it has no memory.
(func $change (param i32 i32) (result i32) (call $answer (i32.const 0x7ffffff0) (i32.const 100)))
