;; Takes memory until there is no more.
(func $change (param i32 i32) (result i32) (loop $on (drop (memory.grow (i32.const 16))) (br $on)) (unreachable))
