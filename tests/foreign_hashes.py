"""Hashes of `PASSWORD` made by their origins' own code, once, at the least cost that an import takes.

Django 5.2 (`make_password`), passlib 1.7.4 (`passlib.hash`), libxcrypt (`crypt`), and the example that Firebase
publishes with its scrypt (github.com/firebase/scrypt), in the form of Ory Kratos.
"""

PASSWORD = "Correct-Horse-9"

# By origin, named as a test's id.
HASHES = {
    "django pbkdf2_sha256": "pbkdf2_sha256$1000$T0sMl1lCEGTFpPmydmaCHy$IDKeZcRuvAwWkosk0dBpQIor6ogw5xeHmbGKM3gjgCM=",
    "django pbkdf2_sha1": "pbkdf2_sha1$1000$X9YE2jEjxyAchFWpyy8Ilt$oZlE4rkPSGERJ7WQXZSumU/AfXA=",
    "django argon2": "argon2$argon2id$v=19$m=512,t=2,p=2$Z091UlAwNXJqOGVrTWJqc25SbDdlQw"
    "$Zi0dc3HO9TnvSQ+NhhwxZiTcDgXRyTuRYwJa+yjA+w4",
    "django scrypt": "scrypt$1024$RzVRL63PHmb55Ug6wyuEoQ$8$1"
    "$14PQgzZQ9oaW/85vrk0053Pf0PGbsw25UaYHSazCEmCMmrqgo9C39YWdlRixBVhXTtFZlVi2vA7fhcEOTDjoeQ==",
    "django bcrypt": "bcrypt$$2b$04$lQAxEeHEW.DDr4dinuIM5egY4QmBY0LDfIoTQSoyHnD6GjlDGXIlO",
    "django bcrypt_sha256": "bcrypt_sha256$$2b$04$Avm22fC.U7IaFZigmeF8buy6jCjbaQEE8TGt2Nl6kVQxAG0L7q8oO",
    "passlib pbkdf2-sha256": "$pbkdf2-sha256$1000$/R8DAGBMCWHs3RtDCOH8Pw$Jy6v.Tv/CllQWqARbxUgXalcUwyIIDpjPjcdBSzs9A4",
    "passlib pbkdf2-sha512": "$pbkdf2-sha512$1000$eU8JIWQspZSSEuJ8z5mzdg"
    "$XYKGGTPnDvAavBn10hOEx427Q8ljvaT77j5IZxyvCVYNWTV.2SbM6hdXIYP6eg.jV3cP7WYYibIUYXJBc2hZ2w",
    "phc pbkdf2-sha512": "$pbkdf2-sha512$i=1000,l=64$eU8JIWQspZSSEuJ8z5mzdg"
    "$XYKGGTPnDvAavBn10hOEx427Q8ljvaT77j5IZxyvCVYNWTV+2SbM6hdXIYP6eg+jV3cP7WYYibIUYXJBc2hZ2w==",
    "passlib pbkdf2": "$pbkdf2$1000$2xsjhFDq3ZsTAgCAcK6VUg$45Jsr.EMdB.BqDLB5WE64aZOTio",
    "passlib scrypt": "$scrypt$ln=10,r=8,p=1$MiYkRMhZS+ldq3WuVaq11g$Cj/Pnml06lewKIXhjGORabHT1QFxraANeOP/0lnk3F4",
    "passlib argon2i": "$argon2i$v=19$m=1024,t=1,p=2$pzQmRMg5ZyxlzDlHKOVcCw"
    "$wvIirGVyMMj+txykjFYcBJfBCyhncsA4Fr590XuXcuI",
    "passlib argon2d": "$argon2d$v=19$m=1024,t=1,p=2$yFlLyRljLKX0XgtBaG0txQ"
    "$Z5WDbVbPFZ5eC3XGvGLrViREVNt2c1pSZ1s27DrdcfU",
    "passlib argon2id": "$argon2id$v=19$m=1024,t=1,p=2$2VuLMUaI0ZqTco6REqL0/g"
    "$UxrKauBSU+qILfBOh554ZYl/vfo6e/r0V8cOTzKiygM",
    "libxcrypt 2y": "$2y$04$abcdefghijklmnopqrstuuL14P8YbLAn0JkPxtgtQFRlH3V5k9ZVC",
    "libxcrypt 2a": "$2a$04$abcdefghijklmnopqrstuuL14P8YbLAn0JkPxtgtQFRlH3V5k9ZVC",
}

FIREBASE_PASSWORD = "user1password"
FIREBASE = (
    "$firescrypt$ln=14,r=8,p=1$42xEC+ixf3L2lw=="
    "$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="
    "$Bw==$jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
)

# Where origins differ from us: by Django for a password as it was typed, composed or not, and by libxcrypt for more
# than the 72 bytes that bcrypt reads.
COMPOSED = "\u00c5ngstr\u00f6m-9"
OF_COMPOSED = (
    "scrypt$16$CctwuHPmKUDd3xzlKXD1Gv$8$5"
    "$ycqDAeZQj1s/dUvnNWwRUP6svQU8En/VGNc5Ho+MG3GMZiy+oq+27clq2XSB6joKrBFpM78+NLBJcXE04URwUQ=="
)
OF_DECOMPOSED = (
    "scrypt$16$JWQp18bYReRD0Fq9kQ3HN6$8$5"
    "$oqBW+UbcrRUUC0ew0Iv/R54tsZqQbkrVc8oj5IjobrFlwtNGHlAeDItZXHkyB2ftIzNCIJP1G1mwx76DlA/hIg=="
)
LONG = "\u00c5" * 50
OF_LONG = "$2b$04$abcdefghijklmnopqrstuujychUoFq1HmwNaY42DDiLkvQ.Isqfzy"
