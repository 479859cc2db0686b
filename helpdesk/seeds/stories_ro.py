"""What the Romanian customers of the demonstration wrote over the months (grammar: helpdesk/seeds/story.py)."""

STORIES = """
@ Mihai Păun | ro | email mihai.paun@example.test * | whatsapp +40 700 555 0131
= 134d | Rucsac pentru Retezat | Orders | Ana | resolve
email: Bună ziua, caut un rucsac de 45 l pentru patru zile în Retezat. Ce îmi recomandați?
> Bună ziua, Mihai, modelul Faggio 45: spate reglabil, 1,4 kg, husă de ploaie inclusă. / Ana
email: L-am comandat. Mulțumesc de sfat!
= 23d | Unde e coletul 9981 | Delivery | Ana | resolve
whatsapp: Bună, coletul 9981 apare „în tranzit” de trei zile
> Bună, Mihai, e la depozitul din Cluj, ajunge mâine între 9 și 12.
whatsapp: A ajuns, mersi!

@ Ioana Țurcanu | ro | email ioana.turcanu@example.test * | instagram ioana.pe.munte
= 77d | Mărimi la bocanci | Sizes | Ana | resolve
instagram: Bună! Bocancii Alpe 2 sunt mici la număr?
> Bună, Ioana, pentru șosete groase recomand un număr în plus. Cât porți de obicei?
instagram: 38, deci 38 sau 39...
> Dacă mergi cu șosete subțiri, 38. Schimbul e gratuit oricum.

@ Andrei Lupașcu | ro | whatsapp +40 700 555 0132 *
= 233m | Retur nepotrivit | Returns | Ana | open
whatsapp: Bună ziua, am primit alt model decât am comandat. Cutia e corectă, dar înăuntru sunt Brezza, nu Sentiero.
> Bună ziua, Andrei, îmi pare rău! Îmi puteți trimite o fotografie cu eticheta din limbă?
whatsapp+poza: Sigur, asta e
# Cutii inversate la raft: de verificat și comanda 10402, aceeași zi.
whatsapp: Plec sâmbătă pe munte, ajung până atunci cele bune?

@ Corina Mădulărescu | ro | email corina.m@example.test *
= 112d | Factură pe firmă | Invoices | Sara | resolve
email: Bună ziua, puteți emite factura comenzii 9840 pe firmă?
> Bună ziua, Corina, da. Trimiteți-mi datele firmei și o emit azi. / Sara
email: Le-am trimis în atașament.
> Gata, factura 97 e în contul dumneavoastră. / Sara
= 95m | Adresa nouă | Delivery | Ana | open
email: Bună ziua, / m-am mutat. Se mai poate schimba adresa la comanda 10415? Încă scrie „în pregătire”. / Corina

@ Vlad Stănciulescu | ro | telegram vlad_stanci | email vlad.s@example.test
= 29d | Bețe de trekking | Orders | Ana | resolve
telegram: Salut, bețele Cresta se vând și la bucată? Am rupt unul
> Salut, Vlad, da, 29 €. Ce lungime?
telegram: 130
> Trimis azi.

@ Simona Drăghicescu | ro | messenger simona.draghi * | email simona.d@example.test
= 5h | Copil de 4 ani | Sizes | Ana | wait
messenger: Ce mărime pentru un picior de 17 cm?
> Bună, Simona, la 17 cm mărimea 27, cu loc de crescut. Măsurați seara, când piciorul e mai mare.
messenger: Aha, nu știam. Măsor diseară și revin
> Sigur, aștept.

@ Radu Cojocneanu | ro | email radu.cojocneanu@example.test
= 61d | Talpă dezlipită | Repairs | Ana | resolve
email+poza: Talpa de la Alpe s-a dezlipit după o iarnă. Atașez fotografia.
> Bună ziua, Radu, e în garanție. Aveți eticheta de retur mai jos; reparația durează două săptămâni. / Ana
email: Am trimis-o luni.
> A ajuns, o repară Piero. / Ana
> Reparată și expediată. / Ana

@ Alina Brumărescu | ro | chat v-9c01d7 | email alina.b@example.test
= 3m | Plata nu merge | Orders | - | open
chat: Bună, cardul îmi e respins la plată, deși am bani pe el
chat: am încercat de trei ori

@ Dan Sălcudeanu | ro | email dan.salcudeanu@example.test * | phone +40 700 555 0136
= 156d | Ghete de iarnă | Orders | Ana | resolve
email: Aveți ghete care țin la minus douăzeci?
> Bună ziua, Dan, modelul Ghiaccio, testat la −25. Mărimile merg până la 47. / Ana
= 44h | Ghetele scârțâie | Repairs | Ana | snooze 26h
email: Ghetele Ghiaccio scârțâie la fiecare pas. E normal?
> Bună ziua, Dan, nu e normal. Scoateți talpicul și puneți puțin talc sub el; dacă nu ajută, le schimbăm. / Ana
call: 5 min: talcul a ajutat pe jumătate, mai încearcă două zile, apoi schimb
# Revin vineri; dacă scârțâie, pereche nouă 44.

@ Teodora Văcărescu | ro | instagram teo.vaca | email teodora.v@example.test
= 16d | Reducere pentru club | Orders | Luca | resolve
instagram: Bună! Avem un club de drumeții, 14 oameni. Faceți reduceri la grup?
> Luca: Hi Teodora! For ten or more we take 12 % off. Shall I send you a code?
instagram: Yes please, perfect!
> Luca: CLUB-TEO, good until the end of the month.

@ Ștefan Irimiea | ro | whatsapp +40 700 555 0138
= 285m | Colet deteriorat | Delivery | - | open
whatsapp+poza: Cutia a venit ruptă și udă. Bocancii par ok, dar lipsește impregnarea din comandă.

@ Gabriela Nistoroiu | ro | email gabriela.n@example.test *
= 48d | Retur comanda 9902 | Returns | Ana | resolve
email: Vreau să returnez șosetele, sunt prea groase pentru pantofii mei.
> Bună ziua, Gabriela, desigur. Pentru șosete nu e nevoie de trimis înapoi: le puteți da cuiva, banii vin în trei
  zile. / Ana
email: Ce frumos! Mulțumesc, o să mai cumpăr de la voi.

@ Liviu Harabagiu | ro | sms +40 700 555 0140
= 20h | Program magazin | Orders | Luca | resolve
sms: Hello, are you open on Sunday? I drive through Lucca.
> Hello Liviu, yes, 10 to 13 on Sundays until Christmas.
sms: Great, see you!

@ Oana Pietraru | ro | email oana.pietraru@example.test
= 152m | Garanție fără bon | Repairs | - | open
email: Bună ziua, / am pierdut bonul, dar am cumpărat bocancii în magazinul din Lucca în mai, cu cardul. Mai am
  garanție?
  Ochetul de sus s-a rupt. / Oana Pietraru

@ Bogdan Ciobotaru | ro | email bogdan.ciobotaru@example.test *
= 36d | Rezervare în magazin | Orders | Ana | resolve
email: Sunt în Lucca pe 20. Îmi puteți pune deoparte Orso 45 ca să-i probez?
> Sigur, Bogdan, vă așteaptă la casă două zile. / Ana
email: Perfect, mulțumesc!

@ Mădălina Vrânceanu | ro | telegram madalina_vr * | email madalina.v@example.test
= 210m | Impregnare | Orders | Ana | open
telegram: Bună! Sprayul albastru merge și pe membrană, nu doar pe piele?
> Bună, Mădălina, da, dar după spălare și cu bocancul încă umed.
telegram: Super. Și cât de des? După fiecare tură?
"""
