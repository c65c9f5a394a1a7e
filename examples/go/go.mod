module brink.example/go

go 1.21
