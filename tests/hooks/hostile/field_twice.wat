;; Tells of a column twice.
(data (i32.const 1024) "a")
(data (i32.const 1028) "string")
(data (i32.const 1040) "\00\04\00\00\01\00\00\00\04\04\00\00\06\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00")
(data (i32.const 1068) "\00\04\00\00\01\00\00\00\04\04\00\00\06\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00")
(func $fields (result i32)
  (i32.store (i32.const 272) (i32.const 1040))
  (i32.store (i32.const 276) (i32.const 2))
  (i32.const 256))
